import{I as o,v as t}from"./chunk-ZOD5E7UX.js";function i({site:r}){return o("h2",{"data-site":r,children:t("tab_insight")})}export{i as InsightPage};
