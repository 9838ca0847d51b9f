/**
 * Runs before every test file. A listener that nobody takes away is a leak, of a test as of the product: Node warns of it in a line that nobody reads, so
 * here it fails the run.
 */
process.on("warning", (warning) => {
  if (warning.name === "MaxListenersExceededWarning") throw warning
})
