import { defineConfig } from 'vitest/config';

import { shared } from '../../vitest.shared.ts';

export default defineConfig({
  ...shared,
  // Whole calls in real time: side by side they would measure each other's load.
  test: { ...shared.test, fileParallelism: false },
});
