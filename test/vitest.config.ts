import { defineConfig } from 'vitest/config'

const root = new URL('..', import.meta.url).pathname
// Child processes, real servers: generous, so that a slow machine is slow and not red.
const shared = { root, testTimeout: 30_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } }

export default defineConfig({
  test: {
    root,
    reporters: process.env['CI'] ? ['default'] : ['dot'],
    // Of this process and its workers. What only runs in child processes, from dist/, counts as not run.
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/demo/**', 'src/backend/ui/**'],
      reporter: ['text-summary', 'html'],
      reportsDirectory: `${root}.cache/coverage`,
    },
    projects: [
      {
        test: {
          ...shared,
          name: 'package',
          include: ['test/**/*.test.ts'],
          exclude: ['test/stack/**', '**/node_modules/**'],
          // Not 0: on two processors vitest would put these, one at a time, behind the others.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'stack',
          include: ['test/stack/**/*.test.ts'],
          // Each file starts a Collector, a Loki, a broker ...: after all others, and few at a time.
          sequence: { groupOrder: 2 },
          maxWorkers: 3,
          testTimeout: 360_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
