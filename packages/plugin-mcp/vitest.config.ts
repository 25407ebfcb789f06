import { defineConfig } from 'vitest/config';

import { shared } from '../../vitest.shared.ts';

// Each of many tests starts a process, and one that has to be killed takes 4 s to close.
export default defineConfig({ ...shared, test: { ...shared.test, testTimeout: 30_000 } });
