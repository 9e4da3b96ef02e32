package gormorder

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
)

// Unproven names a server that speaks MySQL's protocol and on which a version of this
// ledger broke a law of its suite. [Migrate] refuses it unless it is allowed.
type Unproven string

// TiDB oversold a ledger that decided behind locking reads: it parses FOR UPDATE SKIP
// LOCKED and takes no lock, reads as of BEGIN by default, and ignores CHECK by default.
// This ledger needs none of them, and its suite was not run there.
const TiDB Unproven = "TiDB"

// proven refuses a server that is not, unless it is allowed.
func proven(ctx context.Context, db *gorm.DB, allowed []Unproven) error {
	if db.Name() != "mysql" {
		return nil
	}
	var version string
	if err := gormdb.Plain(db).WithContext(ctx).Raw("SELECT VERSION()").Row().Scan(&version); err != nil {
		return err
	}
	if strings.Contains(version, string(TiDB)) && !slices.Contains(allowed, TiDB) {
		return fmt.Errorf("the server is %s (%s), on which this ledger is not proven to keep a sale from overselling; run its suite there, then allow it with gormorder.TiDB", TiDB, version)
	}
	return nil
}
