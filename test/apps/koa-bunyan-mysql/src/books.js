import Router from '@koa/router'

import { db } from './database.js'

export const books = new Router({ prefix: '/books' })

books.post('/:isbn/loans/:reader', async (ctx) => {
  const { isbn, reader } = ctx.params
  const connection = await db.getConnection()
  try {
    await connection.beginTransaction()
    const [[book]] = await connection.execute('SELECT * FROM books WHERE isbn = ? FOR UPDATE', [isbn])
    const [[{ lent }]] = await connection.execute('SELECT COUNT(*) AS lent FROM loans WHERE isbn = ?', [isbn])
    ctx.log.info({ isbn, lent, copies: book.copies }, 'looked at "%s"', book.title)
    if (lent >= book.copies) throw Object.assign(new Error('all copies are lent'), { status: 409 })
    await connection.execute('INSERT INTO loans VALUES (?, ?)', [isbn, reader])
    await connection.commit()
    ctx.body = { isbn, reader }
  } catch (error) {
    await connection.rollback()
    throw error
  } finally {
    connection.release()
  }
})
