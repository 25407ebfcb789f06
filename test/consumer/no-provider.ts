// No meter provider is ever set.
import { failOnce } from './failing-requests.ts';

console.log(JSON.stringify({ counted: await failOnce() }));
