import mysql from 'mysql2/promise'

export const db = mysql.createPool({ uri: process.env.DATABASE_URL, connectionLimit: 4 })

export async function migrate() {
  await db.query('CREATE TABLE IF NOT EXISTS books (isbn varchar(20) PRIMARY KEY, title varchar(200), copies integer)')
  await db.query('CREATE TABLE IF NOT EXISTS loans (isbn varchar(20), reader varchar(80))')
  await db.query("REPLACE INTO books VALUES ('0131103628', 'The C Programming Language', 1)")
  await db.query('DELETE FROM loans')
}
