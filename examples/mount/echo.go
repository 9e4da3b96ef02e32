package mount

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// Echo is a shop on echo.
func Echo(buyers http.Handler) http.Handler {
	router := echo.New()
	router.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "the shop") })
	login := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.SetRequest(withUser(c.Request()))
			return next(c)
		}
	}
	router.Any(Prefix+"/*", echo.WrapHandler(buyers), login)
	return router
}
