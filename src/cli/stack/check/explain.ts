/**
 * What an answer or a failure means, and what to do about it: one table per kind of server.
 *
 * Pure. Every row is a way in which it was seen to fail (test/stack/check), or that OTLP, Loki or Tempo name.
 */
import type { ProbeAnswer, ProbeFailure } from './probe.ts'
import type { Peer } from './target.ts'

export interface Explanation {
  readonly message: string
  readonly hint: string
}

const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])

/** No HTTP answer at all. */
export function explainFailure(peer: Peer, { failure, message }: ProbeFailure): Explanation {
  const where = hostOf(peer.url)
  if (failure === 'ECONNREFUSED') return { message: `nothing listens at ${where}`, hint: peer.start }
  if (failure === 'TIMEOUT') {
    return { message: `${where} does not answer in time`, hint: `Is it overloaded, or behind a firewall? ${peer.look}` }
  }
  if (failure === 'ENOTFOUND' || failure === 'EAI_AGAIN') {
    return { message: `the name of ${where} cannot be resolved`, hint: `Check the address; ${peer.flag} sets it.` }
  }
  const tls = explainTls(peer, failure, where)
  if (tls !== undefined) return tls
  if (failure.startsWith('HPE_')) {
    return { message: `${where} answers, but not in HTTP/1.1`, hint: `Is that a gRPC port? ${peer.ports}` }
  }
  if (failure === 'ECONNRESET' || failure === 'EPIPE') {
    return { message: `${where} closes the connection without an answer`, hint: peer.look }
  }
  return { message: `${where} cannot be reached: ${failure} ${message}`, hint: peer.look }
}

function explainTls(peer: Peer, failure: string, where: string): Explanation | undefined {
  if (failure === 'EPROTO' || failure === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return { message: `${where} does not speak TLS`, hint: `Write http:// instead of https://, or turn TLS on there.` }
  }
  if (UNKNOWN_AUTHORITY.has(failure)) {
    return {
      message: `the certificate of ${where} is not signed by an authority known here (${failure})`,
      hint: peer.ca,
    }
  }
  if (failure === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      message: `the certificate of ${where} is for another name`,
      hint: 'Use the name that is in the certificate, or have it made for this one as well.',
    }
  }
  if (failure === 'CERT_HAS_EXPIRED' || failure === 'CERT_NOT_YET_VALID') {
    return {
      message: `the certificate of ${where} is not valid now (${failure})`,
      hint: 'Renew it, and compare the clocks.',
    }
  }
  if (/^ERR_SSL_.*(?:CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE)$/.test(failure)) {
    return {
      message: `${where} wants a certificate of the client (${failure})`,
      hint: 'Set OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY.',
    }
  }
  return undefined
}

/** An answer of the OTLP endpoint that is not 2xx. */
export function explainOtlpStatus(peer: Peer, answer: ProbeAnswer): Explanation {
  const { status, body } = answer
  const said = `${peer.url} answers ${status}${quoted(body)}`
  if (/HTTP request to an HTTPS server/i.test(body)) {
    return { message: `${peer.url} wants TLS`, hint: 'Write https:// instead of http://.' }
  }
  const hint = OTLP_HINTS[status]
  if (hint !== undefined) return { message: said, hint }
  if (status >= 500) return { message: said, hint: `It failed itself. ${peer.look}` }
  if (status >= 300 && status < 400)
    return { message: said, hint: 'OTLP senders follow no redirect: name the target itself.' }
  return { message: said, hint: `That is no answer of an OTLP receiver. ${peer.ports}` }
}

const WRONG_TOKEN =
  'The token is missing or wrong: set OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20<token>" as for the application.'

const OTLP_HINTS: Readonly<Record<number, string>> = {
  400: 'The receiver cannot read OTLP/JSON; is a proxy in between that changes bodies?',
  401: WRONG_TOKEN,
  403: WRONG_TOKEN,
  404: 'No OTLP receiver on this path: name the base URL (/v1/logs and /v1/traces are appended); OTLP/HTTP is port 4318.',
  405: 'Something that takes no POST listens there; OTLP/HTTP is port 4318.',
  413: 'A proxy in between limits bodies below 1 KiB: raise its limit.',
  415: 'The receiver takes no JSON; a Collector does.',
  429: 'It asks senders to wait: too much arrives. Applications try again; more memory or a second gateway helps.',
  502: 'A proxy in front of it cannot reach it.',
  503: 'It cannot take more now: its queue or its memory is full, because a destination is away or slow. Applications try again; look at Loki and Tempo first.',
  504: 'A proxy in front of it got no answer in time.',
}

/** An answer to a reader that is no record or span, and no "not yet" of Loki or Tempo. */
export function explainReadStatus(peer: Peer, { status, body }: ProbeAnswer): Explanation {
  const said = `${peer.url} answers ${status}${quoted(body)}`
  if (/no org id/i.test(body)) {
    return {
      message: `${peer.name} is divided into tenants, and no tenant was named`,
      hint: 'Name the one that the gateway writes to: --tenant NAME (TRACELOG_TENANT of the Collector).',
    }
  }
  if (status === 401 || status === 403) {
    return {
      message: said,
      hint: `It wants a login: put it into the address, ${peer.flag} https://user:password@host.`,
    }
  }
  if (status < 500) return { message: said, hint: `Is that ${peer.name}? ${peer.ports}` }
  return { message: said, hint: peer.look }
}

/** Without what a login in the URL says. */
export function hostOf(url: string): string {
  return new URL(url).host
}

const QUOTED_CHARACTERS = 160

function quoted(body: string): string {
  const line = body.replaceAll(/\s+/g, ' ').trim()
  return line === '' ? '' : `: ${line.slice(0, QUOTED_CHARACTERS)}`
}
