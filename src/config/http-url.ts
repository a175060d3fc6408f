/** Is a text an address that we can send HTTP requests to, and how is it shown? */

/** @returns `undefined` when it is no http:// or https:// URL: the caller knows its name and its rule */
export function parseHttpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined
}

/** For messages: without the user and the password that an address, or what was meant to be one, may hold. */
export function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//')
}
