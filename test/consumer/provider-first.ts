// The meter provider is set before anything of Vision Agents is imported.
import { exportedErrors, setProvider } from './exported-errors.ts';

setProvider();
const { failOnce } = await import('./failing-requests.ts');
const counted = await failOnce();
console.log(JSON.stringify({ counted, exported: await exportedErrors() }));
