// Print what comes out. Usage: consumer [GROUP]
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gomodule/redigo/redis"
)

const stream = "copydesk:documents"

type entry struct {
	id     string
	fields map[string]string
}

func dial() (redis.Conn, error) {
	url := os.Getenv("COPYDESK_REDIS_URL")
	if path := strings.TrimPrefix(url, "unix://"); path != url {
		return redis.Dial("unix", path)
	}
	if url == "" {
		url = "redis://127.0.0.1:6379"
	}
	return redis.DialURL(url)
}

// entriesIn reads a list of [id, [field, value, ...]]; an entry that was trimmed meanwhile has no fields.
func entriesIn(answer interface{}) (entries []entry) {
	rows, _ := redis.Values(answer, nil)
	for _, row := range rows {
		pair, err := redis.Values(row, nil)
		if err != nil || len(pair) < 2 || pair[1] == nil {
			continue
		}
		id, _ := redis.String(pair[0], nil)
		fields, _ := redis.StringMap(pair[1], nil)
		entries = append(entries, entry{id, fields})
	}
	return entries
}

func handle(fields map[string]string, group string) error {
	var record struct {
		ID, Title, First, Last string
		Revision               int
		Groups                 []string
	}
	schema := fields["schema"]
	if !strings.HasPrefix(schema, "copydesk.") || !strings.HasSuffix(schema, "/1") {
		return nil // what is of no schema that is known here is passed over
	}
	if err := json.Unmarshal([]byte(fields["document"]), &record); err != nil {
		return err
	}
	switch schema {
	case "copydesk.document/1":
		fmt.Println("document", record.ID, record.Revision, record.Title)
	case "copydesk.retraction/1":
		fmt.Println("retraction", record.ID, record.Revision) // forget it
	case "copydesk.gap/1":
		for _, name := range record.Groups {
			if name == group {
				log.Printf("entries from %s to %s were dropped before they came here", record.First, record.Last)
			}
		}
	}
	return nil
}

func consume(group, me string, idle int, stop chan os.Signal) error {
	connection, err := dial()
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err = connection.Do("XGROUP", "CREATE", stream, group, "0", "MKSTREAM"); err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
		return err
	}
	block := idle / 2
	if block > 2000 {
		block = 2000
	}
	var lookAgain time.Time
	for {
		var entries []entry
		if time.Now().After(lookAgain) {
			// What a consumer left behind that died comes first, and alone.
			claimed, err := redis.Values(connection.Do("XAUTOCLAIM", stream, group, me, idle, "0-0", "COUNT", 1))
			if err != nil {
				return err
			}
			if entries = entriesIn(claimed[1]); len(entries) == 0 {
				lookAgain = time.Now().Add(time.Duration(idle/2) * time.Millisecond)
			}
		}
		if len(entries) == 0 {
			read, err := redis.Values(connection.Do("XREADGROUP", "GROUP", group, me, "COUNT", 10, "BLOCK", block, "STREAMS", stream, ">"))
			if err != nil && err != redis.ErrNil {
				return err
			}
			if len(read) > 0 {
				streams, _ := redis.Values(read[0], nil)
				entries = entriesIn(streams[1])
			}
		}
		for _, one := range entries {
			select {
			case <-stop:
				return nil
			default:
			}
			if err := handle(one.fields, group); err != nil {
				return err // not acknowledged: it comes again
			}
			if _, err := connection.Do("XACK", stream, group, one.id); err != nil {
				return err
			}
		}
		select {
		case <-stop:
			return nil
		default:
		}
	}
}

func main() {
	group := "example"
	if len(os.Args) > 1 {
		group = os.Args[1]
	}
	idle, err := strconv.Atoi(os.Getenv("IDLE_MS")) // whoever gave no sign for so long is taken for dead
	if err != nil {
		idle = 60000
	}
	host, _ := os.Hostname()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	for {
		err := consume(group, fmt.Sprintf("%s-%d", host, os.Getpid()), idle, stop)
		if err == nil {
			return
		}
		log.Print(err)
		select {
		case <-stop:
			return
		case <-time.After(time.Second):
		}
	}
}
