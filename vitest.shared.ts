import type { ViteUserConfig } from 'vitest/config';

/** What every package's tests have in common: workspace packages resolve to their sources. */
export const shared = {
  ssr: { resolve: { conditions: ['@vision-agents/source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
} satisfies ViteUserConfig;
