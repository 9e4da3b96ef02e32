package mount

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

// Fiber is a shop on fiber, which does not stand on net/http: its adaptor makes a
// request of each kind of the other. What a middleware leaves in Locals is in the
// request's context. Patience ends a request that waits; that a client has left is
// not noticed here.
func Fiber(buyers http.Handler) *fiber.App {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/", func(c *fiber.Ctx) error { return c.SendString("the shop") })
	login := func(c *fiber.Ctx) error {
		c.Locals(userKey{}, user(string(c.Request().Header.Peek(userHeader))))
		return c.Next()
	}
	app.All(Prefix+"/*", login, adaptor.HTTPHandler(buyers))
	return app
}
