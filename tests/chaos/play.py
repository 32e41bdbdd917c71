"""play.py BROKERS [--proxy SOCKET --through HOST:PORT] [--kafka DIR --owner PID] [--at-least-once]
[--seed N] NAME...: plays scenes. TAP. Without a NAME: the names."""
import holes  # each of them has scenes
import hosts
import moves
import network
import signals
import streams
import zombies
import scene

if __name__ == "__main__":
    scene.main()
