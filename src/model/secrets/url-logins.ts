/**
 * Hides user and password in URLs and DSNs: `postgres://ann:s/3#c?@db/shop`.
 *
 * Who writes a password into a URL forgets to escape it: up to the last `@` all may be the password.
 */
import { REDACTED } from './secret-values.ts'

/** Of one URL; a longer one is searched so far. */
const MAX_URL = 1024
const MAX_SCHEME = 24

/** Their URLs hold logins, and nothing with an `@` behind the host. */
const DATABASES =
  /^(?:postgres|postgresql|mysql|mysqlx|mariadb|mongodb|redis|rediss|valkey|valkeys|amqp|amqps|mssql|sqlserver|oracle|cockroachdb|cassandra|clickhouse|couchbase|couchbases|couchdb|neo4j|bolt|nats|mqtt|mqtts|kafka|ldap|ldaps|smtp|smtps|imap|imaps|memcached|influxdb|snowflake|libsql|elasticsearch|opensearch|db2|tds|sftp|vertica|redshift|timescale|surrealdb|arangodb)(?:\+[a-z0-9]+)?$/i
/** What stands before the `@` is a name: a package, an image, an account. */
const NAMES_ONLY =
  /^(?:ssh|git|git\+ssh|svn\+ssh|sftp|scp|rsync|docker|oci|npm|pkg|acct|docker-image|containers-storage)$/i

/** Ends a URL in a text. */
const END = /[\s"'<>`\\]|:\/\//g
const PORT = /^\d{1,5}(?:[/?#,]|$)/
/** user:password@tcp(host:port)/database, as Go writes it. */
const GO_LOGIN = /(?<![^\s"'=])[^\s"'/@:]{1,128}:[^\s"'@]{1,256}@(?=(?:tcp|unix)\()/g

/** @param text  with an `@` */
export function mayHoldLogin(text: string): boolean {
  return text.includes('://') || text.includes('@tcp(') || text.includes('@unix(')
}

export function hideUrlLogins(text: string): string {
  if (!text.includes('@')) return text
  let result = ''
  let copied = 0
  for (let at = text.indexOf('://'); at !== -1; at = text.indexOf('://', at + 3)) {
    const start = at + 3
    const length = loginLength(schemeBefore(text, at), urlAfter(text, start))
    if (length === 0) continue
    result += text.slice(copied, start) + REDACTED
    copied = start + length
  }
  const hidden = copied === 0 ? text : result + text.slice(copied)
  return hidden.includes('@tcp(') || hidden.includes('@unix(') ? hidden.replace(GO_LOGIN, `${REDACTED}@`) : hidden
}

function schemeBefore(text: string, end: number): string {
  let start = end
  while (start > 0 && end - start < MAX_SCHEME && /[A-Za-z0-9+.-]/.test(text[start - 1] as string)) start--
  return text.slice(start, end)
}

function urlAfter(text: string, start: number): string {
  const window = text.slice(start, start + MAX_URL)
  END.lastIndex = 0
  const end = END.exec(window)
  return end === null ? window : window.slice(0, end.index)
}

/** Characters before the `@` that ends the login; 0 = there is none. */
function loginLength(scheme: string, url: string): number {
  if (url.startsWith('[')) return 0
  const authority = /^[^/?#]*/.exec(url)?.[0] ?? ''
  const colon = authority.indexOf(':')
  const strict = authority.lastIndexOf('@')
  if (colon === -1 || (strict !== -1 && strict < colon)) return strict > 0 && isToken(scheme, url, strict) ? strict : 0
  const last = lastAt(url)
  if (last <= colon) return 0
  if (DATABASES.test(scheme)) return last
  if (strict !== -1) return strict
  return PORT.test(url.slice(colon + 1)) ? 0 : last
}

/** The last `@` that a host can follow. */
function lastAt(url: string): number {
  let at = url.lastIndexOf('@')
  while (at > 0 && !/[\w[]/.test(url[at + 1] ?? '')) at = url.lastIndexOf('@', at - 1)
  return at
}

/** A user alone is a token, for many; `git@` is in every repository's URL, `node@sha256:...` an image. */
function isToken(scheme: string, url: string, at: number): boolean {
  if (NAMES_ONLY.test(scheme)) return false
  return !url.startsWith('git@') && !/^(?:sha\d{3}:|latest\b)/.test(url.slice(at + 1))
}
