// Opens the pages in Debian's Chromium and uses Swagger UI as a person does, for test_swagger_browser.py. Prints what it
// saw as JSON; `said` has each line of the console, each error of a page, and each request that failed or went elsewhere.
import { pathToFileURL } from "node:url";

const [playwright, origin, screenshots] = process.argv.slice(2);
const { chromium } = await import(pathToFileURL(`${playwright}/package/index.mjs`));
const said = [];
const seen = {};

function listen(page) {
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => said.push(`error: ${error.message}`));
    page.on("requestfailed", (request) => said.push(`failed: ${request.url()}`));
    page.on("request", (request) => {
        if (!request.url().startsWith(origin) && !request.url().startsWith("data:")) said.push(`elsewhere: ${request.url()}`);
    });
}

// Opens the call, fills in what is given, sends it, and returns what the page shows of the answer.
async function tryOut(page, call, { body, parameter } = {}) {
    const block = page.locator(`#operations-Products-${call}`);
    await block.locator(".opblock-summary-control").first().click();
    await block.getByRole("button", { name: "Try it out" }).click();
    if (parameter) await block.locator('tr[data-param-name="productId"] input').fill(parameter);
    if (body) await block.locator("textarea").first().fill(body);
    await block.getByRole("button", { name: "Execute" }).click();
    const answer = block.locator(".live-responses-table tbody tr.response").first();
    await answer.waitFor();
    const status = (await answer.locator(".response-col_status").innerText()).trim();
    const text = await answer.locator(".highlight-code code, pre.microlight").first().innerText();
    return { status, text, url: await block.locator(".request-url pre").innerText() };
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1200, height: 1000 } });
    const page = await context.newPage();
    listen(page);
    await page.goto(`${origin}/`);
    await page.screenshot({ path: `${screenshots}/front.png` });
    await page.getByRole("link", { name: "Swagger" }).click();
    await page.locator(".opblock").first().waitFor();
    seen.title = await page.locator(".info .title").innerText();
    seen.calls = await page.locator(".opblock").count();
    await page.screenshot({ path: `${screenshots}/swagger.png` });

    const product = { name: "Browser chair", description: "Made in a page", price: 10.5, quantity: 3, rating: 5 };
    seen.created = await tryOut(page, "create", { body: JSON.stringify(product) });
    seen.productId = seen.created.text.match(/"productId":\s*"([0-9a-f]{24})"/)?.[1];
    seen.read = await tryOut(page, "getById", { parameter: seen.productId });
    await page.locator("#operations-Products-getById .responses-wrapper").scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${screenshots}/tried.png` });

    await page.goto(`${origin}/swagger/plain.html`);
    await page.screenshot({ path: `${screenshots}/plain.png` });
} catch (error) {
    said.push(`broken off: ${error.message}`);
} finally {
    await browser.close();
}
console.log(JSON.stringify({ said, ...seen }));
