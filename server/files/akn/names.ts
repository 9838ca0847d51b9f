/** The namespace of Akoma Ntoso 3.0, and that of what it has no place for: sources, acts on blocks, threads. */
export const aknNamespace = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
export const ownNamespace = "urn:clausula:draft:1"

export const aknPrefixes: Readonly<Record<string, string>> = {
  [aknNamespace]: "a",
  "http://docs.oasis-open.org/legaldocml/ns/akn/3.0/WD17": "a",
  [ownNamespace]: "c",
}

/** How blocks that are no clause say what they are, in `class`. */
export const classOfLevel = (level: number): string => `level-${level}`
