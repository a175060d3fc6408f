import { expect, test } from 'vitest'

import { parseTarget } from '../../../src/capture/http/request-target.ts'

test.each([
  ['/a/b?x=1&y=2', '/a/b', 'x=1&y=2'],
  ['/a?', '/a', undefined],
  ['/a#f', '/a', undefined],
  ['http://user:pw@host:80/p?q=1', '/p', 'q=1'],
  ['http://host', '/', undefined],
  ['*', '*', undefined],
  ['/?token=abc&b=2&Api_Key=x&%74oken=y', '/', 'token=abc&b=2&Api_Key=x&%74oken=y'],
  ['/?token', '/', 'token'],
  ['/?%=1&x', '/', '%=1&x'],
])('%s', (target, path, query) => {
  expect(parseTarget(target)).toEqual({ path, query })
})
