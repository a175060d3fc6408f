/**
 * wherever a secret stands in what a call logs and prints, its caller does not see it, also where nothing is hidden on other ways out.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { SECRET_TEXTS, SECRETS } from '../fixtures/secrets/secret-texts.ts'
import { ask, openStream, readStream, type Told } from '../support/return-client.ts'
import { NOWHERE, startReturningService, stopService, type ReturningService } from '../support/returning-service.ts'

/** As machines make them. */
const [, , SECRET = ''] = SECRETS
const TEXTS = SECRET_TEXTS.map((text) => text.replaceAll('<S>', SECRET))
/** Of the places, each text stands in every fifth: the first in the first, the second in the next … */
const STRIDE = 5
/** A ring holds as many events as these make. */
const AT_ONCE = 55

let service: ReturningService
const events: Told[] = []

beforeAll(async () => {
  const env = { TRACELOG_RETURN: 'on', TRACELOG_REDACT: 'off', ...NOWHERE }
  const rights = { sub: 'ann', scopes: ['logs:all', 'logs:stack', 'console'], level: 'debug' }
  service = await startReturningService({ env, args: [JSON.stringify({ ann: rights })] })
  for (let from = 0; from < TEXTS.length; from += AT_ONCE) {
    const { url, grant } = await openStream(service.base, 'ann')
    const read = await readStream(`${service.base}/${url}`, 'ann')
    const [first = '', second = ''] = TEXTS.slice(from)
    const headers = {
      'tracelog-return': grant,
      authorization: `Bearer ${SECRET}`,
      cookie: `sid=${SECRET}; theme=dark`,
      'x-api-key': SECRET,
      'x-note': first,
      'user-agent': second,
      referer: `http://shop/?password=${SECRET}&page=2`,
      baggage: `password=${SECRET},token=${SECRET}`,
      tracestate: `password=${SECRET}`,
    }
    const path = `/places?stride=${STRIDE}&from=${from}&token=${SECRET}&password=${SECRET}`
    await ask(service.url + path, { method: 'POST', headers, body: JSON.stringify(TEXTS.slice(from, from + AT_ONCE)) })
    await read.ended
    events.push(...read.events)
  }
})
afterAll(() => stopService(service))

const placeOf = ({ kind, data }: Told): string => `${kind}: ${JSON.stringify(data)}`

test('all of it was returned', () => {
  const ends = events.filter(({ kind }) => kind === 'end')
  expect(ends.map(({ data }) => data['dropped'])).toEqual(ends.map(() => 0))
  expect(ends).toHaveLength(Math.ceil(TEXTS.length / AT_ONCE))
  const places = new Set(events.map(({ data }) => data['place']))
  expect(places.size).toBeGreaterThan(20)
  expect(events.filter(({ kind }) => kind === 'stdout').length).toBeGreaterThan(TEXTS.length)
})

test('and no secret', () => {
  const seen = events.filter(({ data }) => JSON.stringify(data).includes(SECRET)).map(placeOf)
  expect(seen).toEqual([])
})
