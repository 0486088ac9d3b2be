"""Tables that come with the product: IPC, Locarno, Nice, industries, regions, holidays (origins in NOTICE.md)."""
