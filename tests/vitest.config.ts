import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

const fast = { include: ["tests/**/*.test.ts", "tests/**/*.test.tsx"], exclude: ["tests/browser/**"] }
const judges = { include: ["tests/judges/*.judge.ts"] }
const browser = { include: ["tests/browser/**/*.web.ts"] }

const globalSetup = "tests/scratch.ts"
const setupFiles = "tests/warned.ts"

/** Many tests wait for processes that they start: on two cores, too, two files at a time. */
const maxWorkers = Math.max(2, availableParallelism() - 1)

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    projects: [
      { test: { name: "fast", ...fast, globalSetup, setupFiles, maxWorkers, testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: "judges", ...judges, globalSetup, setupFiles, maxWorkers, testTimeout: 240_000, hookTimeout: 60_000 } },
      {
        test: { name: "browser", ...browser, globalSetup, setupFiles, testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false },
      },
    ],
  },
})
