/** What an application logs, throws and traces with a secret in it, seen where it arrives: everything but the secret. */
import { describe, expect, test } from 'vitest'

import { runChild } from '../support/child.ts'
import { startReceiver } from '../support/receiver.ts'

const SECRET = 'Tr0ub4dorX3'

async function arrived(kind: string, env: Readonly<Record<string, string>> = {}) {
  const receiver = await startReceiver()
  try {
    const ended = await runChild('secrets/says-secrets.cjs', {
      args: [kind, SECRET],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
    })
    const all = { logs: receiver.receivedLogs, spans: receiver.receivedSpans }
    const text = JSON.stringify(all, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
    return { ...ended, ...all, text }
  } finally {
    await receiver.close()
  }
}

describe('the secret does not leave', () => {
  test.each([
    ['console.log of values', 1],
    ['console.log with %o and %j', 1],
    ['console.log of a Map', 1],
    ['console.log of headers', 1],
    ['console.log of raw headers', 1],
    ['console.error of a failed request', 1],
    ['console.error of a URL that is none', 1],
    ['meta of winston', 2],
    ['an exception that ends the process', 1],
    ['the Logs API', 1],
    ['the Trace API', 0],
  ])('%s', async (kind, records) => {
    const { logs, spans, text } = await arrived(kind)
    expect(logs).toHaveLength(records)
    expect(spans).toHaveLength(records === 0 ? 1 : 0)
    expect(text).not.toContain(SECRET)
    // It was there: without redaction it is.
    expect((await arrived(kind, { TRACELOG_REDACT: 'off' })).text).toContain(SECRET)
  })

  test('that lies across the cut, not even its beginning', async () => {
    const limit = { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '24' }
    const { text } = await arrived('a span with a login across the cut', limit)
    expect(text).not.toContain(SECRET.slice(0, 4))
    const off = await arrived('a span with a login across the cut', { ...limit, TRACELOG_REDACT: 'off' })
    expect(off.spans[0]?.span.attributes).toMatchObject({ text: `postgres://ann:${SECRET.slice(0, 9)}` })
  })

  test('in what the resource says of the process', async () => {
    const { text, logs } = await arrived('console.log of values', {
      OTEL_RESOURCE_ATTRIBUTES: `db.password=${SECRET},deployment.note=token%3D${SECRET},service.name=shop`,
    })
    expect(logs[0]?.resource).toMatchObject({
      'service.name': 'shop',
      'db.password': '[redacted]',
      'deployment.note': 'token=[redacted]',
    })
    expect(text).not.toContain(SECRET)
  })
})

test('what is printed stays as the application prints it', async () => {
  const { stdout } = await arrived('console.log of values')
  expect(stdout).toBe(`login { user: 'ann', password: '${SECRET}' }\n`)
})

describe('our own lines hold no secret', () => {
  test('TRACELOG_DEBUG=1: values of known names only, URLs without logins', async () => {
    const { stderr } = await arrived('console.log of values', {
      TRACELOG_DEBUG: '1',
      TRACELOG_TOKEN: SECRET,
      TRACELOG_SOURCE_HEADERS: `authorization=${SECRET}`,
      TRACELOG_SOURCE_TENANT: SECRET,
      TRACELOG_BACKEND: `http://ann:${SECRET}@127.0.0.1:4330/x?token=${SECRET}`,
      TRACELOG_LOKI_URL: `https://ann:${SECRET}@loki.example`,
      TRACELOG_TEMPO_URL: `ann:${SECRET}`,
      TRACELOG_REDACT_PATTERNS: SECRET,
      TRACELOG_REDACT_KEYS: `+${SECRET}`,
      TRACELOG_OF_TOMORROW: SECRET,
      TRACELOG_IGNORE_PATHS: `/health,https://ann:${SECRET}@x/`,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${SECRET}`,
      OTEL_RESOURCE_ATTRIBUTES: `password=${SECRET}`,
      OTEL_EXPORTER_OTLP_CERTIFICATE_OF_TOMORROW: SECRET,
      TRACELOG_LEVEL: 'info',
    })
    expect(stderr).not.toContain(SECRET)
    const { settings } = JSON.parse(stderr.split('\n', 1)[0]?.slice('tracelog: '.length) ?? '') as {
      settings: Record<string, object>
    }
    expect(settings).toMatchObject({
      TRACELOG_LEVEL: { value: 'info' },
      TRACELOG_BACKEND: { value: 'http://127.0.0.1:4330' },
      TRACELOG_LOKI_URL: { value: 'https://loki.example' },
      TRACELOG_TEMPO_URL: { value: '[redacted]' },
      TRACELOG_TOKEN: { value: '[redacted]' },
      TRACELOG_OF_TOMORROW: { value: '[redacted]' },
    })
  })

  test('a wrong setting is told without the login in it', async () => {
    const { stderr } = await arrived('console.log of values', {
      TRACELOG_PROPAGATE_TO: `https://ann:${SECRET}@api.internal`,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `ftp://ann:${SECRET}@x`,
    })
    expect(stderr.split('\n')).toHaveLength(3)
    expect(stderr).not.toContain(SECRET)
  })

  test('of TRACELOG_REDACT_PATTERNS and _KEYS the good ones count, the wrong pattern is named by its line', async () => {
    const { stderr, text } = await arrived('console.log of values', {
      TRACELOG_REDACT_PATTERNS: `(${SECRET}\nlo[g]in`,
      TRACELOG_REDACT_KEYS: '+user,colour',
    })
    expect(stderr).toContain('TRACELOG_REDACT_PATTERNS is "[line 1]", but must be regular expressions, one per line')
    expect(stderr).toContain('TRACELOG_REDACT_KEYS is "colour"')
    expect(stderr).not.toContain(SECRET)
    expect(text).not.toContain('login')
    expect(text).not.toContain("'ann'")
  })
})
