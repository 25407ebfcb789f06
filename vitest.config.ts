import { defineConfig } from 'vitest/config';

import { shared } from './vitest.shared.ts';

export default defineConfig({
  test: {
    projects: [
      'packages/*',
      'apps/*',
      { ...shared, test: { ...shared.test, name: 'repository', include: ['test/*.test.ts'] } },
    ],
    coverage: { provider: 'v8', include: ['packages/*/src/**'] },
  },
});
