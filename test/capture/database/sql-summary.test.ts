/** What a statement is called in reports. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { sqlShape } from '../../../src/capture/database/sql-shape.ts'
import { sqlSummary } from '../../../src/capture/database/sql-summary.ts'

test.each([
  ['SELECT * FROM orders WHERE id = $1', 'SELECT orders', 'orders'],
  ['select o.id from shop.orders as o, users u where u.id = o.user', 'SELECT shop.orders users', undefined],
  ['SELECT 1', 'SELECT', undefined],
  ['SELECT * FROM a JOIN b ON a.id = b.id LEFT JOIN c USING (id) JOIN d ON true', 'SELECT a b c', undefined],
  ['SELECT * FROM a WHERE id IN (SELECT a_id FROM b)', 'SELECT a b', undefined],
  ['SELECT EXTRACT(YEAR FROM made) FROM orders', 'SELECT orders', 'orders'],
  ['SELECT a IS DISTINCT FROM b FROM orders', 'SELECT orders', 'orders'],
  ['SELECT * FROM generate_series(1, 5) n', 'SELECT', undefined],
  ['SELECT * FROM orders FOR UPDATE', 'SELECT orders', 'orders'],
  [
    'INSERT INTO "order lines" (a, b) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET b = 1',
    'INSERT order lines',
    'order lines',
  ],
  ['INSERT IGNORE INTO `orders`(a) VALUES (?)', 'INSERT orders', 'orders'],
  ['REPLACE INTO orders VALUES (1)', 'REPLACE orders', 'orders'],
  ['UPDATE ONLY orders SET a = 1', 'UPDATE orders', 'orders'],
  ['DELETE FROM orders', 'DELETE orders', 'orders'],
  ['WITH late AS (SELECT * FROM orders), x (a) AS (SELECT 1) SELECT * FROM late', 'SELECT orders', 'orders'],
  [
    'WITH gone AS (DELETE FROM carts RETURNING *) INSERT INTO orders SELECT * FROM gone',
    'INSERT carts orders',
    undefined,
  ],
  ['CREATE TABLE IF NOT EXISTS orders (a int)', 'CREATE orders', 'orders'],
  ['TRUNCATE TABLE orders', 'TRUNCATE orders', 'orders'],
  ['COPY orders FROM STDIN', 'COPY orders', 'orders'],
  ['BEGIN', 'BEGIN', undefined],
  ['  (SELECT a FROM b) UNION (SELECT a FROM c)', 'SELECT b c', undefined],
  ['', '', undefined],
  ['; 1', '', undefined],
])('%j is %j', (sql, text, table) => {
  expect(sqlSummary(sqlShape(sql, 'postgresql'))).toMatchObject({ text, table })
})

test('any text has one, of bounded length', () => {
  const word = fc.constantFrom(
    'SELECT',
    'FROM',
    'JOIN',
    'WITH',
    'AS',
    'UPDATE',
    'INTO',
    ',',
    '(',
    ')',
    '.',
    'a',
    '"b"',
    '"',
    'x'.repeat(300),
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      expect(sqlSummary(words.join(' ')).text.length).toBeLessThan(1_000)
    }),
  )
})
