import mysql from 'mysql2'
import promised from 'mysql2/promise'

import runMysql from './mysql2-cases.cjs'

await runMysql(mysql, promised)
