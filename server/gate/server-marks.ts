import * as Y from "yjs"
import { idLimit, markId, serverClient } from "../../shared/schema/keys.ts"

/** A mark id that the server makes for a source. The server's clock grows with every item it writes, so it serves as the counter. */
export const serverMarkId = (doc: Y.Doc, source: string): string =>
  markId(source, serverClient, Y.getState(doc.store, serverClient) % idLimit)
