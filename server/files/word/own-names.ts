/** What our own Word files are recognized by, and how their parts begin. */
export const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
/** The bookmarks of comments that are on the whole draft begin so. */
export const aboutDraft = "_OnDraft"

/** How a part of a Word file begins. */
export const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
