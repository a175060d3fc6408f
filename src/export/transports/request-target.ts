/**
 * A URL as options of node:http.
 */
import type { RequestOptions } from 'node:http'

/** Host, port and path, and basic authentication from a URL's userinfo. */
export function requestTarget(text: string): RequestOptions {
  const url = new URL(text)
  return {
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    path: `${url.pathname}${url.search}`,
    ...(url.username === '' ? {} : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }),
  }
}
