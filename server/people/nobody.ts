/** How a paper names whom nothing names, of a change that nobody has stated whose it is. */
export const notStatedName = "not stated"

/** Names that stand for nobody: Word and others put them where a document was scrubbed of its authors. Lower case. */
const scrubbed = new Set([
  "author",
  "auteur",
  "autor",
  "autore",
  "autorin",
  "verfasser",
  "författare",
  "forfatter",
  "автор",
  "المؤلف",
  "作者",
  "unknown",
])

/** Whether a name in a file is none: empty, or what a program puts where it takes names out. */
export const isNobodysName = (name: string): boolean =>
  name.trim() === "" || name === notStatedName || scrubbed.has(name.trim().toLowerCase())
