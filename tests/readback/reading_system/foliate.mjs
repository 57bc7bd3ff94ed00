// Reads a book in foliate-js, on a dark page, and prints what was seen as JSON.
// node foliate.mjs ADDRESS-OF-READER ADDRESS-OF-BOOK CHROMIUM
import puppeteer from "puppeteer-core";

const [reader, address, executablePath] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const errors = [];
try {
  const tab = await browser.newPage();
  await tab.setViewport({ width: 480, height: 760 });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  tab.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  tab.on("pageerror", (error) => errors.push(String(error)));
  tab.on("requestfailed", (request) => errors.push(`${request.url()} ${request.failure()?.errorText}`));
  await tab.goto(reader);
  await tab.waitForFunction(() => customElements.get("foliate-view"));
  console.log(JSON.stringify({ ...(await tab.evaluate(readBook, address)), errors }));
} finally {
  await browser.close();
}

async function readBook(address) {
  const view = document.createElement("foliate-view");
  document.body.append(view);
  const file = new File([await (await fetch(address)).blob()], "book.epub");
  const start = performance.now();
  await view.open(file);
  view.renderer.setStyles("html { color-scheme: light dark }");
  await view.init({});
  const opened_ms = performance.now() - start;
  const { book } = view;

  // Every line of the contents and every link within the book has a place that is there.
  const pages = await Promise.all(book.sections.map((section) => section.createDocument()));
  const lost = [];
  const find = (href) => {
    const to = book.resolveHref(href);
    if (!to || (href.includes("#") && !to.anchor(pages[to.index]))) lost.push(href);
  };
  const flat = (lines) => (lines ?? []).flatMap((line) => [line.href, ...flat(line.subitems)]);
  const toc = flat(book.toc).filter(Boolean);
  toc.forEach(find);
  let links = 0;
  for (const [at, page] of pages.entries()) {
    for (const link of page.querySelectorAll("a[href]")) {
      const href = book.sections[at].resolveHref(link.getAttribute("href"));
      if (!book.isExternal(href)) find(href), links++;
    }
  }

  // Goes to the first note with a link to another, looks for dark letters, and follows it with a click.
  const place = () => book.sections[view.lastLocation.section.current].id;
  const coming = async (id) => {
    const later = Date.now() + 5000;
    while (place() !== id && Date.now() < later) await new Promise((resolve) => setTimeout(resolve, 20));
    return place();
  };
  const from = pages.findIndex((page) => page.querySelector(".note-text a.note"));
  await view.goTo(from);
  await coming(book.sections[from].id);
  const { doc } = view.renderer.getContents()[0];
  const dark = [...doc.body.querySelectorAll("*")].filter((one) => {
    const [, r, g, b] = doc.defaultView.getComputedStyle(one).color.match(/(\d+), (\d+), (\d+)/) ?? [0, 0, 0, 0];
    return r + g + b < 380 && one.textContent.trim();
  });
  const link = doc.querySelector(".note-text a.note");
  const target = book.sections[from].resolveHref(link.getAttribute("href"));
  link.click();
  const followed = { target, arrived: await coming(target.split("#")[0]) };
  view.history.back();
  const back = (await coming(book.sections[from].id)) === book.sections[from].id;
  const shown = dark.map((one) => one.outerHTML.slice(0, 80));
  return { opened_ms, dir: book.dir, toc, links, lost, followed, back, dark: shown };
}
