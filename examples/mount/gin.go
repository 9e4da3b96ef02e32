package mount

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Gin is a shop on gin.
func Gin(buyers http.Handler) http.Handler {
	router := gin.New()
	router.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "the shop") })
	login := func(c *gin.Context) { c.Request = withUser(c.Request) }
	router.Any(Prefix+"/*rest", login, gin.WrapH(buyers))
	return router
}
