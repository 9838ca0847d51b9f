/** Characters that XML 1.0 does not allow at all. */
const forbidden =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

/** Text as it stands in XML or HTML, in content and in attributes. */
export const escaped = (text: string): string => text.replace(forbidden, "").replace(/[&<>"]/g, (sign) => entities[sign]!)

/** In an attribute line feeds and tabs would be read as blanks. */
const inAttribute = (value: string): string => escaped(value).replace(/[\n\t\r]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** An element with its attributes; those that are null are left out. `content` is markup. */
export function tag(name: string, attrs: Readonly<Record<string, string | number | null>>, content: string | null = null): string {
  const list = Object.entries(attrs)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ` ${key}="${inAttribute(String(value))}"`)
    .join("")
  return content === null ? `<${name}${list}/>` : `<${name}${list}>${content}</${name}>`
}
