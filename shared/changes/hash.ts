import * as sha256 from "lib0/hash/sha256"
import { encodeUtf8 } from "lib0/string"

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

// What nobody can see is spelled out: a record that is read by eye must not hide it. Code points, not a property: both sides must know the same.
const invisible =
  /[\u007f-\u009f\u00ad\u061c\u070f\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]|\u034f|[\u180b-\u180d]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]/gu

/** JSON in which letters that cannot be seen are written as escapes. Key order is the writer's: give it arrays, or objects built in one place. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value).replace(invisible, escaped)

const escaped = (letter: string): string =>
  Array.from({ length: letter.length }, (_, i) => `\\u${letter.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")

/** SHA-256 of a text, as 64 hexadecimal digits. */
export const sha256Of = (text: string): string => hex(sha256.digest(encodeUtf8(text)))

/** SHA-256 of a value's JSON, as 64 hexadecimal digits. */
export const hashOf = (value: unknown): string => sha256Of(JSON.stringify(value))
