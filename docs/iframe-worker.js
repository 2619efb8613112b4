// A page that was opened from the disk may start no worker: search runs in a hidden frame instead.
if (location.protocol === "file:") {
  class FrameWorker extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      frame.worker = this;
      this.inner = frame.contentWindow;
      this.isReady = new Promise((resolve) => {
        this.begin = resolve;
      });
      const page = this.inner.document;
      page.open();
      page.write(
        "<script>postMessage = (data) => frameElement.worker.answer(data)</script>",
        `<script src="${url}"></script>`,
        "<script>frameElement.worker.begin()</script>",
      );
      page.close();
    }

    answer(data) {
      this.dispatchEvent(new MessageEvent("message", { data }));
    }

    postMessage(data) {
      this.isReady.then(() => {
        this.inner.dispatchEvent(new MessageEvent("message", { data }));
      });
    }
  }
  window.Worker = FrameWorker;
}
