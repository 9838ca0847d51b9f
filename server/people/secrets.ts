import { createHash, randomBytes } from "node:crypto"

/** A secret for a link or a cookie: 256 bits, URL-safe. */
export const newSecret = (): string => randomBytes(32).toString("base64url")

/** What the store keeps of a secret. */
export const hashOfSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex")
