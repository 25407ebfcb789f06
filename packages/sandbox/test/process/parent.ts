import { launchSandbox } from '@vision-agents/sandbox';

const { url } = await launchSandbox();
process.stdout.write(`${url}\n`);
