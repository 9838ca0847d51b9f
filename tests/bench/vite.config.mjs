import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"

// The benchmarks take client, server and shared from their sources, as the tests do; packages stay outside.
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  build: {
    ssr: true,
    outDir: "dist/bench",
    target: "node20",
    minify: false,
    rollupOptions: {
      input: { main: "tests/bench/main.ts", ours: "tests/bench/ours.ts", "embedded-worker": "server/storage/embedded-worker.ts" },
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
    },
  },
})
