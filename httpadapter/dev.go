package httpadapter

import "net/http"

// login gives a session to whoever asks, for any user.
func (a *api) login(r *http.Request) (reply, error) {
	var user id
	if err := read(r, need("user_id", &user)); err != nil {
		return reply{}, err
	}
	token, s, err := a.o.DevLogin.Issue(r.Context(), string(user))
	if err != nil {
		return reply{}, busy(err)
	}
	return reply{status: http.StatusOK, body: tokenView{token, s.ExpiresAt.UTC()}}, nil
}

func (a *api) verify(_ *http.Request, user string) (reply, error) {
	return reply{status: http.StatusOK, body: userView{user}}, nil
}

type userView struct {
	UserID string `json:"user_id"`
}
