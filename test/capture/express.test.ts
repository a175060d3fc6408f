import { expect, test } from 'vitest'

import { patternOfRegExp } from '../../src/capture/express.ts'

test.each([
  [String.raw`^\/users\/?(?=\/|$)`, [], '/users'],
  [String.raw`^\/users\/(?:([^\/]+?))\/?(?=\/|$)`, ['id'], '/users/:id'],
  [String.raw`^\/a\.b\/(?:([^\/]+?))\/c\/?$`, ['x'], '/a.b/:x/c'],
  [String.raw`^\/(a|b)+\/?$`, [], undefined],
])("express 4's %s is %s -> %s", (source, keys, expected) => {
  expect(
    patternOfRegExp(
      source,
      keys.map((name) => ({ name })),
    ),
  ).toBe(expected)
})
