/** The limits of a span, on one that holds nine of everything: attributes, events, links, and attributes in these. */
import { expect, test } from 'vitest'

import { run } from './run.ts'

async function sizes(env: Record<string, string>) {
  const { spans } = await run('env/large-span.cjs', [], env)
  const { span } = spans[0]!
  const count = (attributes: object | undefined): number => Object.keys(attributes ?? {}).length
  return {
    attributes: count(span.attributes),
    length: (span.attributes['k0'] as string).length,
    events: span.events.length,
    eventAttributes: count(span.events[0]?.attributes),
    links: span.links.length,
    linkAttributes: count(span.links[0]?.attributes),
  }
}

const ALL = { attributes: 9, length: 23, events: 9, eventAttributes: 9, links: 9, linkAttributes: 9 }

test.each([
  [{}, {}],
  [{ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '4', OTEL_ATTRIBUTE_COUNT_LIMIT: '7' }, { attributes: 4 }],
  [{ OTEL_ATTRIBUTE_COUNT_LIMIT: '4' }, { attributes: 4 }],
  [{ OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '7' }, { length: 4 }],
  [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4' }, { length: 4 }],
  [{ OTEL_SPAN_EVENT_COUNT_LIMIT: '4' }, { events: 4 }],
  [{ OTEL_SPAN_LINK_COUNT_LIMIT: '4' }, { links: 4 }],
  [{ OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '4' }, { eventAttributes: 4 }],
  [{ OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '4' }, { linkAttributes: 4 }],
])('with %o a span of nine everywhere has %o', async (env, smaller) => {
  expect(await sizes(env as Record<string, string>)).toEqual({ ...ALL, ...smaller })
})
