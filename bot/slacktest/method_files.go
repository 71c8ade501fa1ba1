package slacktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"unicode/utf8"
)

func fileMethods() map[string]method {
	write := []string{"files:write"}
	return map[string]method{
		"files.getUploadURLExternal":   {run: (*Server).uploadURL, perMin: tier4, scopes: write},
		"files.completeUploadExternal": {run: (*Server).completeUpload, perMin: tier4, scopes: write},
	}
}

// uploadURL is the first of the three steps of an upload (Slack: Working with files).
func (s *Server) uploadURL(c *call) (obj, error) {
	size := c.number("length", 0)
	if c.str("filename") == "" || size <= 0 {
		return nil, refuse("invalid_arguments", "[ERROR] filename and a length above 0 are required")
	}
	if utf8.RuneCountInString(c.str("alt_txt")) > 1000 {
		return nil, refuse("alt_txt_too_large")
	}
	f := &File{Alt: c.str("alt_txt"), ID: randomID("F0", 9), Name: c.str("filename"), Title: c.str("filename"), Size: size}
	s.world.files[f.ID] = f
	return obj{"file_id": f.ID, "upload_url": s.base() + "/upload/" + f.ID}, nil
}

// upload is the second: the bytes, as they are or as a multipart form.
func (s *Server) upload(c *call) (obj, error) {
	f := s.world.files[c.key]
	if f == nil || f.Done {
		return nil, &apiError{Code: "file_not_found", Status: 404}
	}
	data := multipartFile(c.rawBody)
	if len(data) != f.Size {
		return nil, &apiError{Code: fmt.Sprintf("expected %d bytes, got %d", f.Size, len(data)), Status: 400}
	}
	f.Data = data
	return obj{"plain": fmt.Sprintf("OK - %d", len(data))}, nil
}

// multipartFile returns the first file of a multipart form, or the body when it is none.
func multipartFile(body []byte) []byte {
	first, _, _ := bytes.Cut(body, []byte("\r\n"))
	boundary, ok := strings.CutPrefix(string(first), "--")
	if !ok {
		return body
	}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if err != nil {
			return body
		}
		if _, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition")); params["filename"] == "" {
			continue
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return body
		}
		return data
	}
}

// completeUpload is the third: it shares the files, once.
func (s *Server) completeUpload(c *call) (obj, error) {
	var asked []struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	}
	if json.Unmarshal(c.raw("files"), &asked) != nil || len(asked) == 0 {
		return nil, refuse("invalid_arguments", "[ERROR] files must be a list of objects with an id")
	}
	var files []File
	for _, a := range asked {
		f := s.world.files[a.ID]
		if f == nil || f.Done || f.Data == nil {
			return nil, refuse("file_not_found")
		}
		if a.Title != "" {
			f.Title = a.Title
		}
		files = append(files, *f)
	}
	if err := s.shareFiles(c, files); err != nil {
		return nil, err
	}
	for _, f := range files {
		s.world.files[f.ID].Done = true
	}
	return obj{"files": filesWire(files)}, nil
}

func (s *Server) shareFiles(c *call, files []File) error {
	if c.str("channel_id") == "" {
		return nil
	}
	r := s.world.channels[c.str("channel_id")]
	switch {
	case r == nil || !r.sees(s.BotUserID):
		return refuse("channel_not_found")
	case !r.members[s.BotUserID]:
		return refuse("not_in_channel")
	case r.Archived:
		return refuse("is_archived")
	}
	m := s.botMessage(c.str("initial_comment"))
	m.Files, m.Subtype, m.ThreadTS = files, "file_share", r.existingThread(c.str("thread_ts"))
	s.post(r, m)
	return nil
}
