// Reads a book in epub.js as a person would, and prints what was seen as JSON.
// node read.mjs ADDRESS-OF-READER ADDRESS-OF-BOOK CHROMIUM PAGES
import puppeteer from "puppeteer-core";

const [reader, address, executablePath, pages] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const errors = [];
try {
  const tab = await browser.newPage();
  await tab.setViewport({ width: 480, height: 760 });
  tab.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  tab.on("pageerror", (error) => errors.push(String(error)));
  tab.on("requestfailed", (request) => errors.push(`${request.url()} ${request.failure()?.errorText}`));
  await tab.goto(reader);
  const seen = await tab.evaluate(readBook, address, Number(pages));
  console.log(JSON.stringify({ ...seen, errors }));
} finally {
  await browser.close();
}

async function readBook(address, pages) {
  const book = ePub(address, { openAs: "epub" });
  const view = book.renderTo("view", { width: 480, height: 760, flow: "paginated", spread: "none" });
  const wait = () => new Promise((resolve) => setTimeout(resolve, 50));
  const place = async () => {
    while (!view.currentLocation().start) await wait();
    const { href, displayed } = view.currentLocation().start;
    return { href, page: displayed.page, pages: displayed.total };
  };
  const settled = () => new Promise((resolve) => view.once("relocated", resolve));
  const { toc } = await book.loaded.navigation;
  await view.display();
  const turned = [await place()];
  const turn = async (way) => {
    const arrived = settled();
    await view[way]();
    await arrived;
    turned.push(await place());
  };
  for (let i = 0; i < pages; i++) await turn("next");
  await turn("prev");

  // Goes to the first note with a link to another note and follows it with a click.
  let followed = null;
  for (const item of book.spine.spineItems) {
    await view.display(item.href);
    const inside = view.getContents()[0].document;
    const link = inside.querySelector(".note-text a.note");
    const target = link?.getAttribute("href");
    if (!target || target.startsWith(item.href)) continue;
    link.click();
    const later = Date.now() + 5000;
    while ((await place()).href === item.href && Date.now() < later) await wait();
    followed = { from: item.href, target, arrived: (await place()).href };
    break;
  }
  const flat = (lines) => lines.flatMap((line) => [line.href, ...flat(line.subitems)]);
  return { title: book.packaging.metadata.title, toc: flat(toc), turned, followed };
}
