// `npm start`: the drafting room with the embedded store and a sample meeting.
import { ensureReady } from "./ready.mjs"

ensureReady()
process.argv.splice(2, 0, "serve", "--sample")
await import("../dist/server/main.js")
