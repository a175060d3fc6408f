/** What is left of a statement: no literal, every placeholder, the same again of its own result. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { MAX_SQL, sqlShape, type SqlDialect } from '../../../src/capture/database/sql-shape.ts'

const BOTH: readonly SqlDialect[] = ['postgresql', 'mysql']

describe.each(BOTH)('%s', (dialect) => {
  test.each([
    ['SELECT 1', 'SELECT ?'],
    ["SELECT 'a', 'it''s', ''", 'SELECT ?, ?, ?'],
    ['SELECT 1.5e-7 + .5 - 0xFF + 1_000', 'SELECT ? + ? - ? + ?'],
    ["SELECT E'a\\'b', x'ff', B'01', N'x'", 'SELECT ?, ?, ?, ?'],
    ['SELECT t1.a2 FROM t1', 'SELECT t1.a2 FROM t1'],
    ['SELECT a\n  FROM\tb ;', 'SELECT a FROM b ;'],
    ['SELECT /* hidden 7 */ a -- hidden 8\nFROM b', 'SELECT a FROM b'],
    ['SELECT a FROM b -- the end', 'SELECT a FROM b'],
    ['SELECT a/**/b', 'SELECT a b'],
    ['SELECT ? WHERE a = :name', 'SELECT ? WHERE a = :name'],
    ["SELECT 'never closed, and secret", 'SELECT ?'],
    ['SELECT naïve FROM größe', 'SELECT naïve FROM größe'],
    ['', ''],
  ])('%j -> %j', (sql, shape) => {
    expect(sqlShape(sql, dialect)).toBe(shape)
  })
})

test.each([
  ['SELECT "a ""b""", $1, $22', 'SELECT "a ""b""", $1, $22'],
  ['SELECT $$it is secret$$, $tag$one $$ two$tag$ FROM a$b$c', 'SELECT ?, ? FROM a$b$c'],
  ['SELECT a::int, b #> c, d ? e', 'SELECT a::int, b #> c, d ? e'],
  ['SELECT /* a /* b */ secret */ 1', 'SELECT ?'],
  ["SELECT U&'d\\0061t'", 'SELECT ?'],
  // With standard_conforming_strings off the text would go on here.
  ["SELECT '\\', 'secret', a FROM b", 'SELECT ?'],
  ["SELECT E'\\\\', a FROM b", 'SELECT ?, a FROM b'],
])('postgresql: %j -> %j', (sql, shape) => {
  expect(sqlShape(sql, 'postgresql')).toBe(shape)
})

test.each([
  ['SELECT `a ``b```, "secret", "it""s" # secret\n, 5--3', 'SELECT `a ``b```, ?, ? , ?--?'],
  ["SELECT 'O\\'Brien' FROM a", 'SELECT ? FROM a'],
  ['SELECT a -- secret', 'SELECT a'],
  ['SELECT /* a /* b */ c', 'SELECT c'],
  ["SELECT _utf8mb4'secret'", 'SELECT _utf8mb4?'],
])('mysql: %j -> %j', (sql, shape) => {
  expect(sqlShape(sql, 'mysql')).toBe(shape)
})

/** In every literal, and nowhere else. */
const MARK = 'Sx739182'
const content = fc.array(fc.constantFrom('a', ' ', "'", '"', '\\', '--', '/*', '*/', '#', '$', '\n', '`', '?', 'é'), {
  maxLength: 6,
})
const within = content.map((parts) => [...parts, MARK, ...parts].join(''))
const literal: Readonly<Record<SqlDialect, fc.Arbitrary<string>>> = {
  postgresql: fc.oneof(
    within.map((text) => `'${text.replaceAll('\\', '').replaceAll("'", "''")}'`),
    within.map((text) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`),
    within.map((text) => `$q$${text.replaceAll('$', '')}$q$`),
    within.map((text) => `/* ${text.replaceAll('*', '').replaceAll('/', '')} */`),
    within.map((text) => `-- ${text.replaceAll('\n', '')}\n`),
    fc.constantFrom('739182', '.739182', '0x739182', '739182e-7'),
  ),
  mysql: fc.oneof(
    within.map((text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`),
    within.map((text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '""')}"`),
    within.map((text) => `/* ${text.replaceAll('*', '').replaceAll('/', '')} */`),
    within.map((text) => `# ${text.replaceAll('\n', '')}\n`),
    fc.constantFrom('739182', '.739182', '0x739182', '739182e-7'),
  ),
}
const placeholder = { postgresql: /\$\d+/g, mysql: /:p\d/g }
const plain: Readonly<Record<SqlDialect, fc.Arbitrary<string>>> = {
  postgresql: fc.constantFrom('SELECT', 'FROM', 'orders', '"or ders"', '(', ')', ',', '=', '::int', '$1', '$2', ' - '),
  mysql: fc.constantFrom('SELECT', 'FROM', 'orders', '`or ders`', '(', ')', ',', '=', ':p1', ':p2', ' - '),
}

describe.each(BOTH)('%s, at random', (dialect) => {
  const pieces = fc.array(fc.oneof(plain[dialect], literal[dialect]), { maxLength: 15 })

  test('a literal never survives, and each placeholder does', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const shape = sqlShape(parts.join(' '), dialect)
        expect(shape).not.toMatch(/739182/)
        const given = parts.filter((part) => /^(?:\$\d|:p\d)$/.test(part))
        expect(shape.match(placeholder[dialect]) ?? []).toEqual(given)
      }),
      { numRuns: 1_000 },
    )
  })

  test('of any text, its shape has itself for a shape and is no longer', () => {
    const any = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      pieces.map((parts) => parts.join('')),
      fc
        .array(
          fc.constantFrom("'", '"', '$', 'a', '1', '-', '/', '*', '\\', '\n', ' ', '`', '#', '.', 'e', '?', '&', 'U'),
        )
        .map((chars) => chars.join('')),
    )
    fc.assert(
      fc.property(any, (sql) => {
        const shape = sqlShape(sql, dialect)
        expect(sqlShape(shape, dialect)).toBe(shape)
        expect(shape.length).toBeLessThanOrEqual(sql.length)
      }),
      { numRuns: 2_000 },
    )
  })

  test('more than its bound is not looked at', () => {
    const long = `SELECT ${'a'.repeat(MAX_SQL)} 'secret'`
    expect(sqlShape(long, dialect)).toHaveLength(MAX_SQL)
    expect(sqlShape(`SELECT ${"'x', ".repeat(MAX_SQL)}'secret'`, dialect)).not.toMatch(/secret/)
  })
})
