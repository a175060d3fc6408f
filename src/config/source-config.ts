/**
 * Where reading commands read from: flags before environment before defaults, each checked.
 */
import { invalid, readText, type Env } from './env.ts'
import { parseHttpUrl, withoutLogin } from './http-url.ts'
import { readHeaders } from './otlp-config.ts'

/** The flags of reading commands, as text. */
export interface SourceFlags {
  readonly source?: string | undefined
  readonly loki?: string | undefined
  readonly tempo?: string | undefined
}

export interface LokiConfig {
  readonly lokiUrl: string
  /** Undefined: `off`, there is none. */
  readonly tempoUrl: string | undefined
  /** Sent to both. */
  readonly headers: Readonly<Record<string, string>>
}

/** `local`, `loki`, or what else was given, for the caller to know. */
export function readSourceName({ source, loki }: SourceFlags, env: Env): string {
  // Who names a Loki means it.
  return source ?? (loki === undefined ? (readText(env, 'TRACELOG_SOURCE') ?? 'local') : 'loki')
}

/** Where Loki and Tempo are unless something else is said. */
export interface LokiDefaults {
  readonly loki: string
  readonly tempo: string
}

/** @throws TRACELOG_CONFIG_INVALID naming flag or variable, value and rule */
export function readLokiConfig({ loki, tempo }: SourceFlags, env: Env, defaults: LokiDefaults): LokiConfig {
  const tenant = readText(env, 'TRACELOG_SOURCE_TENANT')
  return {
    lokiUrl: urlOf('--loki', loki) ?? urlOf('TRACELOG_LOKI_URL', readText(env, 'TRACELOG_LOKI_URL')) ?? defaults.loki,
    tempoUrl: readTempo(tempo, env, defaults.tempo),
    headers: {
      ...readHeaders(env, 'TRACELOG_SOURCE_HEADERS'),
      ...(tenant === undefined ? {} : { 'x-scope-orgid': checkTenant('TRACELOG_SOURCE_TENANT', tenant) }),
    },
  }
}

function readTempo(flag: string | undefined, env: Env, otherwise: string): string | undefined {
  const [name, text] =
    flag === undefined ? ['TRACELOG_TEMPO_URL', readText(env, 'TRACELOG_TEMPO_URL')] : ['--tempo', flag]
  return text === 'off' ? undefined : (urlOf(name, text) ?? otherwise)
}

function urlOf(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = parseHttpUrl(text)
  const isSecret = url !== undefined && (url.username !== '' || url.password !== '')
  // A password in a URL would be printed with it in every error.
  if (url !== undefined && !isSecret && url.search === '') return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  throw invalid(name, withoutLogin(text), 'an http:// or https:// URL without user, password and query')
}

/** What Loki and Tempo take, and a header can hold. @param name  of the flag or variable. @throws TRACELOG_CONFIG_INVALID */
export function checkTenant(name: string, tenant: string): string {
  if (/^[\x21-\x7e]{1,150}$/.test(tenant)) return tenant
  throw invalid(name, tenant, 'at most 150 printable ASCII characters without blanks')
}
