#!/usr/bin/env node
// `npx clausula VERB`
import { ensureReady } from "./ready.mjs"

ensureReady()
await import("../dist/server/main.js")
