package store

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"modernc.org/sqlite"

	"rigistry/models"
)

// SQLite result codes (https://www.sqlite.org/rescode.html) and PostgreSQL
// SQLSTATEs (manual, appendix A) that mean something to us.
const (
	sqliteBusy       = 5
	sqliteFull       = 13
	sqliteWrite      = 778  // a write was refused: a quota, or a limit on files
	sqliteShared     = 4874 // the same for the index of the log
	sqliteConstraint = 19
	sqliteForeignKey = 787
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067

	pgSerialization = "40001"
	pgDeadlock      = "40P01"
	pgUnique        = "23505"
	pgExclusion     = "23P01"
	pgForeignKey    = "23503"
	pgCheck         = "23514"
	pgDiskFull      = "53100"
	pgLockTimeout   = "55P03"
	pgTooMany       = "53300" // connections
	pgShutdown      = "57P01"
	pgCrash         = "57P02"
	pgStarting      = "57P03"

	pgNoCharacter = "22021" // U+0000, or bytes that are not UTF-8
	pgOutOfRange  = "22003"
	pgTooLong     = "54000" // more text than fits an index
)

// errStale says that an update met no row: somebody changed it in between.
var errStale = &models.Error{Code: models.CodeVersionConflict,
	Detail: "Somebody changed this in between. Load it again, look at what changed, and repeat your change."}

func sqliteCode(err error) (int, bool) {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code(), true
	}
	return 0, false
}

func retryable(err error) bool {
	if code, ok := sqliteCode(err); ok {
		return code&0xff == sqliteBusy
	}
	var race raceError
	return errors.As(err, &race) || hasState(err, pgSerialization) || hasState(err, pgDeadlock)
}

// hasState tells whether PostgreSQL answered with the SQLSTATE.
func hasState(err error, state string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == state
}

// translate turns what the drivers say into the closed set of errors, by code and
// never by text. What it does not know stays as it is and becomes a 500.
func translate(err error) error {
	if err == nil {
		return nil
	}
	var own *models.Error
	if errors.As(err, &own) {
		return err
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return models.NotFound("record", "asked for")
	}
	if code, ok := sqliteCode(err); ok {
		switch {
		case code == sqliteUnique || code == sqlitePrimaryKey:
			return conflict(err)
		case code == sqliteForeignKey:
			return dangling(err)
		case code&0xff == sqliteConstraint:
			return refused(err)
		case code&0xff == sqliteBusy, code&0xff == sqliteFull, code == sqliteWrite, code == sqliteShared:
			return unavailable(err)
		}
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case pgUnique, pgExclusion:
			return conflict(err)
		case pgForeignKey:
			return dangling(err)
		case pgCheck:
			return refused(err)
		case pgSerialization, pgDeadlock, pgDiskFull, pgLockTimeout, pgTooMany, pgShutdown, pgCrash, pgStarting:
			return unavailable(err)
		case pgNoCharacter, pgOutOfRange, pgTooLong:
			return unfit(err)
		}
	}
	var unreached *pgconn.ConnectError
	if errors.As(err, &unreached) || pgconn.SafeToRetry(err) {
		return unavailable(err)
	}
	var cut *net.OpError
	if errors.As(err, &cut) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, driver.ErrBadConn) {
		return &refusal{models.Errorf(models.CodeUnavailable, "The connection to the database broke. Whether this was saved is not known; look, or send it again with the same key."), err}
	}
	return err
}

// refusal keeps the driver's error for the log beside the typed one for the caller.
type refusal struct {
	public *models.Error
	cause  error
}

func (r *refusal) Error() string   { return r.public.Detail + " [" + r.cause.Error() + "]" }
func (r *refusal) Unwrap() []error { return []error{r.public, r.cause} }

func conflict(err error) error {
	return &refusal{models.Errorf(models.CodeConflict, "One with the same identifier exists already. Use that one, or choose another identifier."), err}
}

func dangling(err error) error {
	return &refusal{models.Errorf(models.CodeInvalid, "It refers to something that does not exist. Check the identifiers in the request."), err}
}

func unfit(err error) error {
	return &refusal{models.Errorf(models.CodeInvalid, "A text or number in the request cannot be stored: a character U+0000, bytes that are not UTF-8, or far too much of it."), err}
}

func refused(err error) error {
	return &refusal{models.Errorf(models.CodeConflict, "The registry's rules do not allow this state. Nothing was saved."), err}
}

func unavailable(err error) error {
	return &refusal{models.Errorf(models.CodeUnavailable, "The database cannot take this now. Nothing was saved; try again in a moment."), err}
}
