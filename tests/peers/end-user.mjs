// The end user, who goes through the provider's own pages as a browser does:
// enters the user code, confirms it, signs in, consents.

import { ACCOUNT } from './provider.mjs';

/** Pages and redirects of one visit; a full sign-in takes ten. */
const PAGES_MAX = 20;
const PAGE_TIMEOUT = 5_000; // milliseconds

/** What the end user types, by the field's name. */
const TYPED = { login: ACCOUNT, password: 'any' };

/** The words of the last page. */
const LAST_PAGE = {
  approve: 'Sign-in Success',
  deny: 'The Sign-in request was interrupted',
};

/**
 * Visits `verificationUri` and lets the client with `userCode` have what it
 * asks for (`decision` 'approve'), or not ('deny'). Throws an error with what
 * the page said when it went another way.
 */
export async function decide(verificationUri, userCode, decision) {
  const browser = new Browser();
  let page = await browser.open(verificationUri);
  let entered = false;
  for (;;) {
    if (page.text.includes(LAST_PAGE[decision])) {
      return;
    }
    const form = page.form();
    const asksForCode = form && 'user_code' in form.fields && !form.fields.confirm;
    if (!form || (asksForCode && entered)) {
      throw new Error(`the page said: ${page.words()}`);
    }
    entered ||= asksForCode;
    page = await browser.submit(form, filledIn(form.fields, userCode, decision));
  }
}

function filledIn(fields, userCode, decision) {
  const filled = { ...fields };
  for (const [name, value] of Object.entries({ ...TYPED, user_code: userCode })) {
    if (name in fields) {
      filled[name] = value;
    }
  }
  if (fields.confirm && decision === 'deny') {
    filled.abort = 'yes'; // the other button of this form
  }
  return filled;
}

/** Follows links and redirects, keeps cookies. */
class Browser {
  #jar = new CookieJar();
  #pages = 0;

  open(url) {
    return this.#load(new URL(url), { method: 'GET' });
  }

  submit(form, fields) {
    return this.#load(form.action, { method: 'POST', body: new URLSearchParams(fields) });
  }

  async #load(url, request) {
    this.#pages += 1;
    if (this.#pages > PAGES_MAX) {
      throw new Error(`more than ${PAGES_MAX} pages and still not done`);
    }
    const response = await fetch(url, {
      ...request,
      headers: { accept: 'text/html', cookie: this.#jar.cookiesFor(url.pathname) },
      redirect: 'manual', // fetch would follow it without the cookies
      signal: AbortSignal.timeout(PAGE_TIMEOUT),
    });
    this.#jar.keep(response.headers.getSetCookie());
    const location = response.headers.get('location');
    const text = await response.text();
    return location ? this.open(new URL(location, url)) : new Page(url, text);
  }
}

/** Cookies of one server: by name and path, for as long as they last. */
class CookieJar {
  #cookies = new Map();

  keep(lines) {
    for (const line of lines) {
      const [pair] = line.split(';', 1);
      const [name] = pair.split('=', 1);
      const path = /; *path=([^;]*)/i.exec(line)?.[1] ?? '/';
      const expires = /; *expires=([^;]*)/i.exec(line)?.[1];
      const expired = Date.parse(expires) <= Date.now();
      if (expired) {
        this.#cookies.delete(`${name} ${path}`);
      } else {
        this.#cookies.set(`${name} ${path}`, { pair, path });
      }
    }
  }

  cookiesFor(pathname) {
    return [...this.#cookies.values()]
      .filter(({ path }) => pathname === path || pathname.startsWith(path.replace(/\/?$/, '/')))
      .map(({ pair }) => pair)
      .join('; ');
  }
}

/** A page of the provider: at most one form, flat, no script needed. */
class Page {
  #url;

  constructor(url, text) {
    this.#url = url;
    this.text = text;
  }

  form() {
    const form = /<form\b[^>]*>[\s\S]*?<\/form>/.exec(this.text)?.[0];
    if (!form) {
      return undefined;
    }
    const fields = {};
    for (const [input] of form.matchAll(/<input\b[^>]*>/g)) {
      fields[attribute(input, 'name')] = attribute(input, 'value') ?? '';
    }
    return { action: new URL(attribute(form, 'action'), this.#url), fields };
  }

  /** What a reader would see. */
  words() {
    return this.text.replace(/<style>[\s\S]*?<\/style>/g, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
  }
}

function attribute(tag, name) {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value
    ?.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}
