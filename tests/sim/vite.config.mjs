import { fileURLToPath } from "node:url"
import { defineConfig } from "vite"

// The simulation takes client, server and shared from their sources, as the tests do; packages stay outside.
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  build: {
    ssr: true,
    outDir: "dist/sim",
    target: "node20",
    minify: false,
    rollupOptions: { input: { main: "tests/sim/main.ts" }, output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" } },
  },
})
