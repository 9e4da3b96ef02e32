package gormorder_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seckill-go/seckill/order/gormorder"
)

// showsTheTime: here the server and the test are on one machine.
func showsTheTime(t *testing.T, db *gorm.DB) {
	at, err := gormorder.New(db, gormorder.Options{}).Clock(t.Context())
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), at, time.Minute)
}

func TestClockOfSQLiteIsTheMachines(t *testing.T) { showsTheTime(t, openSQLite(t, "")) }
