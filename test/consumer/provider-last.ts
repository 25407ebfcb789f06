// The meter provider is set when something was recorded already.
import { exportedErrors, setProvider } from './exported-errors.ts';
import { failOnce } from './failing-requests.ts';

await failOnce();
setProvider();
const counted = await failOnce();
console.log(JSON.stringify({ counted, exported: await exportedErrors() }));
