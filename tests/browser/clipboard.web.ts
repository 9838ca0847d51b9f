import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { OtherProgram } from "./clipboard.ts"
import { blockWith, caretAfter, Sitting, select, startBrowser } from "./room.ts"

let browser: Browser
let sitting: Sitting
let sweden: Page
let brazil: Page
let word: OtherProgram
beforeAll(async () => {
  browser = await startBrowser()
  sitting = await Sitting.open(browser)
  ;[sweden, brazil] = await Promise.all([sitting.page("s"), sitting.page("b")])
  word = await OtherProgram.beside(sweden)
})
afterAll(async () => {
  await sitting?.close()
  await browser?.close()
})

const saved = (page: Page): Promise<unknown> => page.waitForSelector(".save-status.is-saved")

/** Selects from the start of one block to the end of another, as a drag would. */
async function selectBlocks(page: Page, first: string, last: string): Promise<void> {
  await blockWith(page, first).scrollIntoViewIfNeeded()
  await blockWith(page, first).click()
  await page.evaluate(
    ([from, to]) => {
      const find = (text: string): Element =>
        [...document.querySelectorAll(".ProseMirror > [data-block]")].find((block) => block.textContent!.includes(text))!
      const range = document.createRange()
      range.setStart(find(from!), 0)
      range.setEnd(find(to!), find(to!).childNodes.length)
      getSelection()!.removeAllRanges()
      getSelection()!.addRange(range)
    },
    [first, last],
  )
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}

async function copied(page: Page): Promise<{ html: string; text: string }> {
  await page.keyboard.press("Control+c")
  const got = await word.pastes()
  await page.bringToFront()
  return got
}

/** The paragraphs of a clause's own split, as its letters stand. */
const lettersOf = (page: Page, block: string): Promise<string> =>
  blockWith(page, block)
    .locator("ins[data-source=S]")
    .evaluateAll((all) => {
      const inner = all.filter((element) => !element.querySelector("ins"))
      return inner.map((element) => element.textContent).join("")
    })

/** Pastes at the end of a clause that Sweden proposes behind another; the clauses that come of it, with their labels. */
async function pastedBehind(block: string, ending: string, html: string, text?: string): Promise<string[]> {
  await word.copies(html, text)
  await sweden.bringToFront()
  await caretAfter(sweden, block, ending)
  await sweden.keyboard.press("Enter")
  await sweden.keyboard.press("Control+v")
  await saved(sweden)
  return blockWith(brazil, block).evaluate((element) => {
    const found: string[] = []
    for (let next = element.nextElementSibling; next?.matches("[data-inserted-by=S]"); next = next.nextElementSibling) {
      const copy = next.cloneNode(true) as Element
      // The flag of who has just typed there is no letter of the text.
      for (const flag of copy.querySelectorAll(".caret")) flag.remove()
      if (copy.textContent) found.push(copy.textContent)
    }
    return found
  })
}

it("[UI46] copying gives the reading as proposed: struck words are out, in plain text and in HTML", async () => {
  await select(sweden, "to maintain a public register", "national")
  await sweden.keyboard.type("regional")
  await saved(sweden)
  await selectBlocks(sweden, "to maintain a public register", "to maintain a public register")
  const { html, text } = await copied(sweden)
  const reading = "to maintain a public register of regional alerting authorities"
  expect(text.startsWith(reading)).toBe(true)
  expect(html).toContain(`<p data-pm-slice="1 1 []">${reading}`)
  for (const form of [html, text]) expect(form).not.toMatch(/national|<del|<ins|data-block/)
})

it("[UI46] what another deletes is out too, a clause that is to go is left out, one that is to move stands where it would", async () => {
  await caretAfter(brazil, "to organize regional", "regional")
  await brazil.keyboard.press("Alt+Shift+Backspace")
  await blockWith(sweden, "to organize regional").and(sweden.locator(".is-going")).waitFor()
  await caretAfter(brazil, "to open their warning", "warning")
  await brazil.keyboard.press("Alt+Shift+ArrowUp")
  await sweden.locator(".ghost", { hasText: "to open their warning" }).waitFor()
  await selectBlocks(sweden, "to designate a national", "to open their warning")
  const { html, text } = await copied(sweden)
  // In plain text whole clauses have their labels.
  expect(text).toMatch(/^(?:\t*\S+\t)?to designate a national/)
  expect(text).toMatch(/\n\t*\S+\tto require mobile operators/)
  const lines = text.split("\n").map((line) => line.replace(/^\t*\S+\t/, ""))
  const at = (words: string): number => lines.findIndex((line) => line.startsWith(words))
  expect(at("to open their warning")).toBeGreaterThan(at("to designate a national"))
  expect(at("to open their warning")).toBeLessThan(at("to require mobile operators"))
  expect(lines.filter((line) => line.startsWith("to open their warning")).length).toBe(1)
  expect(html.match(/<p/g)!.length).toBe(lines.length)
  await selectBlocks(sweden, "to provide technical", "to bring this resolution")
  expect((await copied(sweden)).text).not.toContain("to organize regional")
})

it("[UI46] where only struck words are selected the clipboard keeps what it held, and a sentence says so", async () => {
  await word.copies("", "kept")
  await sweden.bringToFront()
  await select(sweden, "to maintain a public register", "national")
  await sweden.keyboard.press("Control+c")
  await sweden.locator(".said", { hasText: "Nothing was copied" }).waitFor()
  expect((await word.pastes()).text).toBe("kept")
  await sweden.bringToFront()
})

it("[UI47] a label that was typed in Word before a tab stays behind, and an item of a deeper list stands deeper", async () => {
  const tab = "<span style='mso-tab-count:1'>&nbsp;&nbsp;&nbsp; </span>"
  const html = `<html xmlns:w="urn:schemas-microsoft-com:office:word"><body><!--StartFragment--><p class=MsoNormal>b)ter${tab}to wash windows;</p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'>by hand;</p><p class=MsoNormal>see 1${tab}and 2;</p><!--EndFragment--></body></html>`
  expect(await pastedBehind("to maintain a public register of", "alerting authorities;", html)).toEqual([
    "to wash windows;",
    "by hand;",
    "see 1 and 2;",
  ])
  expect(await blockWith(brazil, "by hand;").getAttribute("data-level")).toBe("2")
})

it("[UI47] of plain text the labels that were typed before blanks stay behind, with the blanks before them, and the sentence names them", async () => {
  const typed = ["  a) to mend nets;", "b) to mend sails;", "  (i) to mend oars;", "1. to mend masts;"]
  const found = await pastedBehind("to maintain a public register of", "alerting authorities;", "", typed.join("\n"))
  // Behind them stands what was pasted there before.
  expect(found.slice(0, 4)).toEqual(["to mend nets;", "to mend sails;", "to mend oars;", "to mend masts;"])
  expect(await sweden.locator(".said").textContent()).toContain("Left out: the labels “a)”, “b)”, “(i)”, “1.”.")
  await sweden.keyboard.press("Control+z")
})

it("[UI46] what is copied can be pasted again, and is then one's own", async () => {
  await selectBlocks(sweden, "to maintain a public register", "to maintain a public register")
  await sweden.keyboard.press("Control+c")
  await caretAfter(sweden, "to bring this resolution", "to bring")
  await sweden.keyboard.press("Control+v")
  await saved(sweden)
  expect(await lettersOf(brazil, "this resolution to the attention")).toMatch(/^to maintain a public register of regional alerting/)
})

const fromWord = `<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"
xmlns="http://www.w3.org/TR/REC-html40"><head><meta http-equiv=Content-Type content="text/html; charset=utf-8">
<meta name=Generator content="Microsoft Word 15"><style><!--
 /* Font Definitions */ @font-face {font-family:Symbol;}
 p.MsoNormal, li.MsoNormal {margin:0cm;} span.msoDel {mso-style-type:export-only; text-decoration:line-through; color:red;}
 span.Gone {mso-style-name:Gone; text-decoration:line-through;} span.MsoListParagraph {x:y}
 @list l0 {mso-list-id:1;} @list l0:level1 {mso-level-text:"%1\\)";}
--></style></head><body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
lang=EN-GB><span style='mso-list:Ignore'>1)<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]><span
lang=EN-GB>to share <del cite="mailto:A" datetime="2026-11-01T09:00"><span>old </span></del><ins cite="mailto:A">new </ins>warnings<s> never</s>
with <span class=msoDel>none </span><span class=Gone>hardly any </span>all,<span style='text-decoration:line-through'> nearly</span>
at once<span class=MsoCommentReference><a class=msocomanchor href="#_msocom_1">[A1]</a></span>;<o:p></o:p></span></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='font-family:Symbol;mso-bidi-font-family:Symbol;mso-list:
Ignore'>·<span>&nbsp;</span></span><![endif]>to test sirens<a style='mso-footnote-id:ftn1' href="#_ftn1"><span
class=MsoFootnoteReference>[1]</span></a>;</p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<table class=MsoTableGrid border=1><tr><td><p class=MsoNormal>North<o:p></o:p></p></td><td><p class=MsoNormal>twelve<s>13</s></p></td></tr>
<tr><td><p class=MsoNormal>South</p></td><td><p class=MsoNormal>seven</p><p class=MsoNormal>or eight</p></td></tr></table>
<p class=MsoNormal><s>to strike all of this;</s></p><!--EndFragment-->
<div style='mso-element:footnote-list'><div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText>[1] a note</p></div></div>
<div style='mso-element:comment-list'><p>why</p></div></body></html>`

const fromGoogle = `<meta charset='utf-8'><meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-8a1f"><p dir="ltr" style="line-height:1.38;margin-top:0pt;"><span style="font-size:11pt;text-decoration:none;vertical-align:baseline;">to name </span><span style="font-size:11pt;text-decoration:line-through;-webkit-text-decoration-skip:none;text-decoration-skip-ink:none;">three </span><span style="font-size:11pt;text-decoration:none;">one person;</span></p><ol style="margin-top:0;padding-inline-start:48px;"><li dir="ltr" style="list-style-type:decimal;" aria-level="1"><p dir="ltr" role="presentation"><span style="text-decoration:underline;">to lend sirens;</span></p></li><li dir="ltr" style="list-style-type:decimal;" aria-level="1"><p dir="ltr" role="presentation"><span style="text-decoration:underline line-through;">to sell </span><span>to give boats;</span></p></li></ol><br /><div dir="ltr" style="margin-left:0pt;" align="left"><table style="border:none;border-collapse:collapse;"><colgroup><col width="100" /><col width="100" /></colgroup><tbody><tr style="height:0pt"><td style="border:solid #000000 1pt;"><p dir="ltr"><span>East</span></p></td><td><p dir="ltr"><span>four</span></p></td></tr></tbody></table></div></b>`

it("[UI47] from Word: struck words, list labels, footnotes and comments stay behind, the cells of a row stay apart", async () => {
  expect(await pastedBehind("to submit a report", "implementation of this resolution to the next conference,", fromWord)).toEqual([
    "to share new warnings with all, at once;",
    "to test sirens;",
    "North\u2003twelve",
    "South\u2003seven or eight",
  ])
  // Each paragraph is a proposal of its own, so that the count on no card is another than it says.
  for (const line of ["to test sirens;", "South\u2003seven or eight"]) {
    await blockWith(sweden, line).locator("ins").first().click()
    const card = sweden.locator(".card.change.is-chosen")
    await card.filter({ hasText: line }).waitFor()
    expect(await card.textContent()).not.toContain("…")
  }
  const said = await sweden.locator(".said").textContent()
  expect(said).toMatch(/4 paragraphs pasted as new clauses\. Left out: struck words and comments and footnotes\./)
})

it("[SAID2] at the end of a clause, and in the middle of one, the sentence says what the paste did there", async () => {
  const lines = ["to lend a boat;", "to lend two boats;", "to lend three boats;"]
  for (const [before, told] of [
    [";", "3 paragraphs pasted: the first into the clause that was there, behind it 2 new clauses."],
    ["taking into account", "3 paragraphs pasted into the middle of a clause, as one change: accepted, it makes 3 clauses of that one."],
  ] as const) {
    await word.copies(lines.map((line) => `<p>${line}</p>`).join(""), lines.join("\n"))
    await sweden.bringToFront()
    await caretAfter(sweden, "to require mobile operators", before)
    await sweden.keyboard.press("Control+v")
    await sweden.locator(".said", { hasText: told }).waitFor()
    await sweden.keyboard.press("Control+z")
    await blockWith(sweden, "to lend three boats").waitFor({ state: "hidden" })
  }
})

it("[UI47] from Google Docs: struck words stay behind, a list is its items, the cells of a row stay apart", async () => {
  expect(await pastedBehind("to continue studies", "river gauges,", fromGoogle)).toEqual([
    "to name one person;",
    "to lend sirens;",
    "to give boats;",
    "East\u2003four",
  ])
})

it("[UI47] words out of a paragraph go into the sentence, with the space that belongs to them", async () => {
  for (const [html, words] of [
    ["<meta charset='utf-8'><span style='font-weight:400'> and rivers</span>", " and rivers"],
    ["<span>&nbsp;</span><span>and</span><span class='Apple-converted-space'>&nbsp;</span><b>lakes</b>", " and lakes"],
    ["<table><tr><td><p>and one <s>two </s>cell</p></td></tr></table>", "and one cell"],
  ] as const) {
    await word.copies(html)
    await sweden.bringToFront()
    await caretAfter(sweden, "to conclude such arrangements", "such arrangements")
    await sweden.keyboard.press("Control+v")
    await saved(sweden)
    await blockWith(brazil, "to conclude such")
      .filter({ hasText: `such arrangements${words}` })
      .waitFor()
    await sweden.keyboard.press("Control+z")
    await brazil.waitForFunction((part) => !document.querySelector(".ProseMirror")!.textContent!.includes(part), words)
  }
})

it("[UI47] a paste of struck words alone changes nothing, not even what is selected; lines pasted into the title stay in it", async () => {
  await word.copies("<p><s>gone</s></p>")
  await sweden.bringToFront()
  await select(sweden, "to make available, free", "available")
  await sweden.keyboard.press("Control+v")
  await sweden.locator(".said", { hasText: "Left out: struck words." }).waitFor()
  expect(await blockWith(sweden, "to make available, free").locator(".struck").count()).toBe(0)
  await word.copies("<p>One</p><p>Two</p>", "One\nTwo")
  await sweden.bringToFront()
  const before = await sweden.locator(".ProseMirror > [data-block]").count()
  await caretAfter(sweden, "Telecommunications in the service", "early")
  await sweden.keyboard.press("Control+v")
  await blockWith(brazil, "Telecommunications in the service").filter({ hasText: "early One Two" }).waitFor()
  expect(await sweden.locator(".said").textContent()).toContain("2 paragraphs pasted as one line, for a title has no clauses.")
  expect(await sweden.locator(".ProseMirror > [data-block]").count()).toBe(before)
  expect(sitting.errors).toEqual([])
})
