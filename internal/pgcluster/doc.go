// Package pgcluster runs a private PostgreSQL cluster inside a data directory,
// so that one binary and one directory are a whole instance.
//
// Everything lives in the data directory D:
//
//	D/postgres/          the cluster; the only thing that belongs to the server's account
//	D/postgres.log       the server's log, at most about 16 MB, with one older file beside it
//	D/postgres.password  the password of the role careloop, readable by the owner alone
//	D/postgres.socket    where the socket is, when the path of D is too long for one
//	D/postgres.lock      held while the cluster is being started or stopped
//	D/postgres.users     held, shared, by every process that uses the cluster
//
// The cluster listens on a Unix socket only. Several processes may use it at once:
// whoever comes first starts it, whoever leaves last stops it, and a server left over
// by a killed process is taken over by the next.
package pgcluster
